/// Something that ends a run at an instant that nobody chose.
enum Blow: Sendable, CustomStringConvertible {
  /// SIGKILL while the row of a transition, or of a publication, is being written.
  case killAt(table: String, condition: String)
  /// SIGKILL after a part of the time that a run takes.
  case kill(after: Double)
  /// Postgres ends at once, as in a power cut, after a part of the time that a run takes.
  case crash(after: Double)
  /// The connection that reads a source is cut in mid-COPY.
  case cutCopy
  /// Files on this machine cannot grow any more.
  case fullDisk
  /// Postgres cannot make tables any more, for a while.
  case fullServer
  /// A second run begins at the same time.
  case second

  var description: String {
    switch self {
    case .killAt(let table, let condition): "kill at \(table) where \(condition)"
    case .kill(let part): "kill after \(Int(part * 100)) %"
    case .crash(let part): "crash of Postgres after \(Int(part * 100)) %"
    case .cutCopy: "connection cut in mid-COPY"
    case .fullDisk: "full disk"
    case .fullServer: "full disk of the server"
    case .second: "second run"
    }
  }
}
