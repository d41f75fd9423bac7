"""What an officer can do by a form of the app: each act is a function that the command line or the lab calls, too."""
