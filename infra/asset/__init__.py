"""What Lambda unpacks: the functions with what they use of their libraries, made ready to start."""
