import CLibpq
import Frames
import Glibc

extension PostgresConnection {
  /// Reads the rows of a query into a frame, by COPY in binary format.
  /// - Parameters:
  ///   - expecting: columns that the query must have, by name and type, such as those found when
  ///     the pipeline was checked.
  ///   - onProgress: told the rows read so far, now and then and at the end, on the connection's
  ///     thread.
  /// - Throws: `PostgresError`, of kind `.data` with the row where a value cannot be held.
  public func copyOut(
    _ select: String, expecting: Schema? = nil, onProgress: (@Sendable (Int) -> Void)? = nil
  ) throws(PostgresError) -> Frame {
    let description = try describe(select)
    if let expecting { try check(description.schema, against: expecting) }
    let session = try openSession()
    let prefix = "COPY (\n"
    let sql = prefix + StatementText.withoutTerminator(select) + "\n) TO STDOUT (FORMAT binary)"
    do throws(PostgresError) {
      let start = try session.run(content: .rows) { PQsendQuery($0, sql) }
      guard start.status == PGRES_COPY_OUT else {
        throw PostgresError(.statement, "the statement returns no rows", location: location)
      }
      var decoder = FrameDecoder(description, location: location)
      try session.copyMessages { message throws(PostgresError) in
        try decoder.decode(message)
        if decoder.rowCount & 0x3fff == 0 { onProgress?(decoder.rowCount) }
      }
      onProgress?(decoder.rowCount)
      return try decoder.frame()
    } catch {
      var error = error
      error.position = error.position.map { $0 - prefix.unicodeScalars.count }
      throw error
    }
  }

  private func check(_ schema: Schema, against expected: Schema) throws(PostgresError) {
    func described(_ schema: Schema) -> [String] {
      schema.fields.map { "\($0.name) \($0.type.sqlName)" }
    }
    let (found, wanted) = (described(schema), described(expected))
    if found == wanted { return }
    let missing = wanted.filter { !found.contains($0) }.joined(separator: ", ")
    let surplus = found.filter { !wanted.contains($0) }.joined(separator: ", ")
    throw PostgresError(
      .statement,
      "the query's columns are not those that were expected"
        + (missing.isEmpty ? "" : "; missing: \(missing)")
        + (surplus.isEmpty ? "" : "; instead: \(surplus)")
        + (missing.isEmpty && surplus.isEmpty ? ": their order differs" : ""),
      location: location)
  }
}

extension Session {
  /// Hands on every message of a COPY to the client, then takes the statement's result. When `body`
  /// throws, the COPY is cancelled.
  fileprivate func copyMessages(
    _ body: (UnsafeRawBufferPointer) throws(PostgresError) -> Void
  ) throws(PostgresError) {
    while true {
      var data: UnsafeMutablePointer<CChar>?
      let size = PQgetCopyData(handle, &data, 1)
      if size > 0, let data {
        defer { PQfreemem(data) }
        do {
          try body(UnsafeRawBufferPointer(start: data, count: Int(size)))
        } catch {
          cancelStatement()
          skipCopyData()
          _ = try? results()
          throw error
        }
      } else if size == 0 {
        waitForSocket(POLLIN)
        // A broken connection shows in the results.
        if PQconsumeInput(handle) == 0 { break }
      } else {
        break
      }
    }
    _ = try results()
  }
}
