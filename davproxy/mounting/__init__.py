"""The library as a drive of this computer: programs that mount it, and services that start them."""
