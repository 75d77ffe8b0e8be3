"""What songs lack, proposed from what is known elsewhere, and filled in once a person agrees. One file a source."""
