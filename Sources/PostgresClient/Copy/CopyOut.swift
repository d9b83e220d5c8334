import CLibpq
import Frames
import Glibc

extension PostgresConnection {
  /// Reads the rows of a query into a frame, by COPY in binary format.
  /// - Parameters:
  ///   - expecting: columns that the query must have, by name and type, such as those found when
  ///     the pipeline was checked.
  ///   - onProgress: told the rows read so far, now and then and at the end, on any thread.
  /// - Throws: `PostgresError`, of kind `.data` with the row where a value cannot be held.
  public func copyOut(
    _ select: String, expecting: Schema? = nil, onProgress: (@Sendable (Int) -> Void)? = nil
  ) throws(PostgresError) -> Frame {
    let described = try described(select)
    if let expecting { try check(described.description.schema, against: expecting) }
    let session = try openSession()
    let prefix = "COPY (\n"
    let sql = prefix + StatementText.withoutTerminator(select) + "\n) TO STDOUT (FORMAT binary)"
    // Where the database has no encoding the server would say neither row nor column of a text that is
    // not UTF-8: it is asked for the bytes, which are checked here.
    let hasCheckedText = !session.isWithoutEncoding
    if !hasCheckedText { try session.setEncoding("SQL_ASCII") }
    defer {
      // An aborted transaction takes it back itself.
      if !hasCheckedText { try? session.setEncoding("UTF8") }
    }
    do throws(PostgresError) {
      let start = try session.run(content: .rows) { PQsendQuery($0, sql) }
      guard start.status == PGRES_COPY_OUT else {
        throw PostgresError(.statement, "the statement returns no rows", location: location)
      }
      let decoder = BlockDecoder(
        FrameDecoder(
          described.description.schema, described.types, location: location,
          hasCheckedText: hasCheckedText),
        onProgress: onProgress)
      return try session.copyMessages(to: decoder)
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
  /// Whether the database takes texts as they come.
  fileprivate var isWithoutEncoding: Bool {
    PQparameterStatus(handle, "server_encoding").map { String(cString: $0) } == "SQL_ASCII"
  }

  /// Sets the encoding in which the server sends texts.
  fileprivate func setEncoding(_ name: String) throws(PostgresError) {
    _ = try run { PQsendQuery($0, "SET client_encoding TO '\(name)'") }
  }

  /// Decodes every message of a COPY to the client, and takes the statement's result. When the
  /// decoder throws, the COPY is cancelled.
  fileprivate func copyMessages(to decoder: BlockDecoder) throws(PostgresError) -> Frame {
    var block = decoder.emptyBlock()
    do throws(PostgresError) {
      while let message = nextMessage() {
        block.append(message.data, count: message.count)
        PQfreemem(message.data)
        if block.isFull {
          try decoder.take(block)
          block = decoder.emptyBlock()
        }
      }
    } catch {
      decoder.abandon()
      cancelStatement()
      skipCopyData()
      _ = try? results()
      throw error
    }
    do throws(PostgresError) {
      _ = try results()
    } catch {
      decoder.abandon()
      throw error
    }
    return try decoder.finish(block)
  }

  /// The next message of a COPY to the client, whose memory the caller frees; nil after the last.
  private func nextMessage() -> (data: UnsafeMutablePointer<CChar>, count: Int)? {
    while true {
      var data: UnsafeMutablePointer<CChar>?
      let size = PQgetCopyData(handle, &data, 1)
      if size > 0, let data { return (data, Int(size)) }
      guard size == 0 else { return nil }
      waitForSocket(POLLIN)
      // A broken connection shows in the results.
      if PQconsumeInput(handle) == 0 { return nil }
    }
  }
}
