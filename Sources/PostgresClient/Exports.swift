// What a connection takes and answers with.
@_exported import PostgresFacts
