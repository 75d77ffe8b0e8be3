"""What makes a library better: songs improved by what arrives, lists, duplicates, folders, repairs. One file each."""
