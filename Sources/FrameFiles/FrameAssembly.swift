import Cryptography
import Frames
import Synchronization
import Threads

/// Makes one frame of several files and frames, one after the other: every value is copied once, from
/// the file to where it stays.
public struct FrameAssembly: Sendable {
  public enum Part: Sendable {
    case file(FrameFile)
    case frame(Frame)

    public var rowCount: Int {
      switch self {
      case .file(let file): file.rowCount
      case .frame(let frame): frame.rowCount
      }
    }

    var schema: Schema {
      switch self {
      case .file(let file): file.schema
      case .frame(let frame): frame.schema
      }
    }
  }

  private let parts: [Part]
  private let schema: Schema
  private let threads: Int

  /// - Parameters:
  ///   - parts: at least one. Their columns have the same names, in any order, and types; what else is
  ///     known of a column, the first part says.
  ///   - names: columns to take; nil for all.
  public init(_ parts: [Part], columns names: [String]? = nil, threads: Int = 2) {
    self.parts = parts
    self.threads = threads
    let first = parts.first?.schema ?? Schema()
    schema = names.map { Schema($0.compactMap { first[$0] }) } ?? first
  }

  /// Blocks the thread while it works; several threads share the columns.
  /// - Throws: `FrameFileError`.
  public func frame() throws -> Frame {
    let rows = parts.reduce(0) { $0 + $1.rowCount }
    try check(rows)
    let columns = Mutex([Column?](repeating: nil, count: schema.fields.count))
    try SharedWork.forEach(schema.fields.count, threads: threads) { take in
      while let place = take() {
        let column = try ColumnAssembly(schema.fields[place], parts, rows: rows).column()
        columns.withLock { $0[place] = column }
      }
    }
    return Frame(
      schema: schema, columns: columns.withLock { $0.compactMap(\.self) }, rowCount: rows)
  }

  private func check(_ rows: Int) throws(FrameFileError) {
    for part in parts {
      guard case .file(let file) = part else { continue }
      for field in schema.fields where file.schema[field.name]?.type != field.type {
        throw FrameFileError(
          file.path, .columns("\(field.name) is not \(field.type.sqlName) in it"))
      }
      guard rows <= Int(Int32.max) else {
        throw FrameFileError(file.path, .columns("a frame of \(rows) rows is too large"))
      }
    }
  }
}
