import CLibpq
import Frames
import Glibc

extension PostgresConnection {
  /// Appends a frame to a table by COPY in binary format.
  /// - Parameter columns: the table's columns for the frame's, one for each in their order; nil where
  ///   they have the same names.
  /// - Returns: the rows that were copied.
  /// - Throws: `PostgresError`; nothing is copied then. Of kind `.statement` where a frame's column
  ///   does not go unchanged into the table's, before anything is sent.
  @discardableResult
  public func copyIn(
    _ frame: Frame, into table: QualifiedName, columns: [String]? = nil
  ) throws(PostgresError) -> Int {
    let names = columns ?? frame.schema.names
    guard names.count == frame.columns.count, !names.isEmpty else {
      throw PostgresError(
        .statement,
        "\(names.count) columns of \(table) are given for \(frame.columns.count) of the frame",
        location: location)
    }
    var quoted: [String] = []
    for name in names { quoted.append(try SQL.identifier(name)) }
    let list = quoted.joined(separator: ", ")
    let target = try described("SELECT \(list) FROM \(try table.sql)")
    try check(frame, against: target, of: table)
    let encoders = zip(zip(names, frame.columns), target.types).map { source, type in
      ColumnEncoder(name: source.0, column: source.1, type: type)
    }
    let session = try openSession()
    let sql = "COPY \(try table.sql) (\(list)) FROM STDIN (FORMAT binary)"
    let start = try session.run(content: .rows) { PQsendQuery($0, sql) }
    guard start.status == PGRES_COPY_IN else { throw session.failure() }
    do throws(PostgresError) {
      try session.send(encoders, rows: frame.rowCount)
    } catch {
      session.abandonCopyIn()
      throw error
    }
    return try session.endCopyIn()
  }

  private func check(
    _ frame: Frame, against target: DescribedStatement, of table: QualifiedName
  ) throws(PostgresError) {
    for (index, type) in target.types.enumerated() {
      let source = frame.columns[index].type
      if type.accepts(source) { continue }
      let name = target.description.schema.fields[index].name
      let shown = type.isApproximated ? "numeric" : type.column.sqlName
      var error = PostgresError(
        .statement,
        "column \"\(name)\" of \(table) is \(shown), which does not take \(source.sqlName) unchanged",
        location: location)
      error.table = table.name
      error.column = name
      throw error
    }
  }
}

extension Session {
  fileprivate func send(_ columns: [ColumnEncoder], rows: Int) throws(PostgresError) {
    var buffer = CopyBuffer()
    for byte in Array("PGCOPY\n".utf8) + [0xff, 0x0d, 0x0a, 0x00] { buffer.append(byte) }
    buffer.append(Int32(0))
    buffer.append(Int32(0))
    for row in 0..<rows {
      buffer.append(Int16(columns.count))
      for column in columns {
        do {
          try column.append(row, to: &buffer)
        } catch {
          var failure = PostgresError(
            .data(column: column.name, row: row + 1),
            "column \"\(column.name)\" has in row \(row + 1) \(error.message)", location: location)
          failure.column = column.name
          throw failure
        }
      }
      if buffer.count >= CopyBuffer.flushSize { try put(&buffer) }
    }
    buffer.append(Int16(-1))
    try put(&buffer)
  }

  private func put(_ buffer: inout CopyBuffer) throws(PostgresError) {
    if isInterrupted { throw .cancelled(location: location) }
    let bytes = buffer.bytes.bindMemory(to: CChar.self)
    guard PQputCopyData(handle, bytes.baseAddress, Int32(bytes.count)) == 1 else {
      throw failure()
    }
    buffer.removeAll()
    try flush()
  }

  fileprivate func endCopyIn() throws(PostgresError) -> Int {
    guard PQputCopyEnd(handle, nil) == 1 else { throw failure() }
    try flush()
    return try results().affectedRows
  }

  /// Makes the server drop what it got.
  fileprivate func abandonCopyIn() {
    _ = PQputCopyEnd(handle, "the client gave up")
    try? flush()
    _ = try? results()
  }
}
