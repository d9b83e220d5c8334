import Diagnostics

/// Why demo data could not be made or loaded.
public enum DemoError: EndsCommand, Equatable {
  /// A schema of the demo's name exists that the demo has not made.
  case foreignSchema(String, location: String)
  /// A number that makes no shop.
  case outOfRange(String, ClosedRange<Int>)
  case cannotRead(path: String, reason: String)
  /// A line of a data file, counted from 1, is not as it should be.
  case malformed(path: String, line: Int, reason: String)

  public var status: ExitStatus { .stageFailed }

  public var description: String {
    switch self {
    case .foreignSchema(let name, let location):
      """
      schema \(name) at \(location) was not made by the demo, so it is not replaced; use a database \
      without a schema \(name)
      """
    case .outOfRange(let what, let range):
      "\(what) must be from \(range.lowerBound) to \(range.upperBound)"
    case .cannotRead(let path, let reason): "\(path): \(reason)"
    case .malformed(let path, let line, let reason): "\(path):\(line): \(reason)"
    }
  }
}
