"""The verbs below `/remote.php/dav/trashbin/USER`."""

from xml.sax.saxutils import escape

from tests.fakes.nextcloud.conditions import Listing, multistatus
from tests.fakes.nextcloud.messages import Answer, Call, Host
from tests.fakes.nextcloud.tree import Node, Refused
from tests.fakes.nextcloud.xml import DAV, NEXTCLOUD


class TrashBinArea:
    """One method for each verb; `names` is the path below the user's trash bin."""

    def __init__(self, host: Host) -> None:
        self._host = host

    def propfind(self, call: Call, names: list[str]) -> Answer:
        base = f"/remote.php/dav/trashbin/{self._host.user}/trash"
        listing: Listing = [(f"{base}/", Node(is_folder=True), {})]
        for deleted in self._host.tree.trash:
            extra: dict[str, str | None] = {
                f"{NEXTCLOUD}trashbin-original-location": escape("/".join(deleted.location)),
                f"{NEXTCLOUD}trashbin-deletion-time": str(deleted.moment),
                f"{DAV}getcontentlength": str(deleted.node.size),
            }
            listing.append((f"{base}/{deleted.name}", deleted.node, extra))
        return multistatus(self._host, call, listing)

    def move(self, call: Call, names: list[str]) -> Answer:
        if call.headers.get("overwrite") == "F":  # the folder `restore` claims to have every name
            raise Refused(412, "Sabre\\DAV\\Exception\\PreconditionFailed")
        self._host.tree.restore(names[1])
        return Answer(201)
