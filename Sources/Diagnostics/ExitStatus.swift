/// How a command ends that did not do what was asked: the numbers that people script against.
public enum ExitStatus: Int32, Sendable {
  case stageFailed = 1
  case wrongFiles = 2
  case blocked = 3
  case locked = 4
  case unreachable = 5
  case wrongUsage = 64
  case cancelled = 130
}

/// An error that ends a command, with what it is called by people and a status of its own.
public protocol EndsCommand: Error, CustomStringConvertible {
  var status: ExitStatus { get }
}
