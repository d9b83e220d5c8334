// Whoever reads a pipeline reads the words that it is written in.
@_exported import Declarations
