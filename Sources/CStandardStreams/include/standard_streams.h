/// Nothing to call: with this linked, descriptors 0 to 2 are open before anything else of the program
/// runs. A process that is started without one of them would otherwise get a socket or a file of the
/// runtime's own under that number, and text would go into it.
