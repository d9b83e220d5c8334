import Diagnostics

/// What a number must lie within.
public protocol Limits: Sendable {
  static var range: ClosedRange<Int> { get }
}

/// A whole number that must lie within limits. It is read whatever it is, so that all that is wrong with a
/// record is said in one go; `check` reports one that lies outside.
public struct Bounded<Within: Limits>: Readable {
  public let value: Int
  /// Where the name of its key stands; nil where it was left out.
  public let key: SourceSpan?
  private let name: String

  /// What stands for a key that is left out.
  public init(_ value: Int) {
    self.value = value
    key = nil
    name = ""
  }

  private init(_ value: Int, under key: Snippet?) {
    self.value = value
    self.key = key?.span
    name = key?.text ?? ""
  }

  private static var least: Int { Within.range.lowerBound }
  private static var most: Int { Within.range.upperBound }
  public static var shape: Shape {
    let word = Int.word
    return .word(
      WordShape(
        name: "\(word.name) from \(least) to \(most)", example: "\(blank.value)",
        pattern: word.pattern, scalars: word.scalars))
  }
  public static var blank: Self { Self(min(max(Int.blank, least), most)) }

  public static func read(_ node: YAMLNode, _ reader: Reader) -> Self? {
    let key = reader.key
    return Int.read(node, reader).map { Self($0, under: key?.scalar) }
  }

  public var isWithin: Bool { Within.range.contains(value) }
  /// The nearest number within the limits.
  public var clamped: Int { min(max(value, Self.least), Self.most) }

  public func check(_ report: Report, help: String) {
    guard !isWithin else { return }
    report.error(
      .wrongValue, "'\(name)' must be between \(Self.least) and \(Self.most), found \(value)",
      at: key,
      help: help)
  }
}
