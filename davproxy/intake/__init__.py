"""What happens to archives, song folders and audio that arrive: unpacked, identified, charted, published."""

from davproxy.intake.intake import Intake

__all__ = ["Intake"]
