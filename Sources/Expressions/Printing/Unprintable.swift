import Diagnostics

/// What a dialect has no words for.
public struct Unprintable: Error, CustomStringConvertible {
  /// The function or construct, such as `sentiment`.
  public let function: String
  public let dialect: String
  /// Where it stands.
  public let span: SourceSpan

  public var description: String { "not expressible in \(dialect): \(function)" }
}

/// What a grammar says of a call; the walk knows where it stands.
struct Inexpressible: Error {
  let function: String

  init(_ function: String) { self.function = function }
}
