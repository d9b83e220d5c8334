import Foundation

/// A setting of a learner: what it is called, what it does, what it may be. Pipelines read it, the
/// reference describes it and training checks it by this one declaration; its default is the learner's
/// own.
public struct Setting<Owner: Sendable>: Sendable {
  public enum Value: Sendable {
    case whole(WritableKeyPath<Owner, Int> & Sendable, ClosedRange<Int>)
    case number(WritableKeyPath<Owner, Double> & Sendable, NumberLimits)
    /// One that is no number of its own where it is left out, but what `leftOut` says:
    /// `it follows the rows`.
    case optionalNumber(
      WritableKeyPath<Owner, Double?> & Sendable, NumberLimits, leftOut: String)
  }

  /// What pipelines call it.
  public let name: String
  /// What it does, in a sentence.
  public let about: String
  public let value: Value

  public init(_ name: String, _ about: String, _ value: Value) {
    self.name = name
    self.about = about
    self.value = value
  }

  /// What it may be, as it follows on "must be".
  public var limits: String {
    switch value {
    case .whole(_, let range): "between \(range.lowerBound) and \(range.upperBound)"
    case .number(_, let limits), .optionalNumber(_, let limits, _): limits.text
    }
  }

  /// What becomes of it where it is left out and has no default.
  public var leftOut: String? {
    if case .optionalNumber(_, _, let leftOut) = value { leftOut } else { nil }
  }

  /// Its value as a pipeline would write it; nil where it is left out.
  public func text(in owner: Owner) -> String? {
    switch value {
    case .whole(let path, _): "\(owner[keyPath: path])"
    case .number(let path, _): owner[keyPath: path].decimalText
    case .optionalNumber(let path, _, _): owner[keyPath: path]?.decimalText
    }
  }

  public func isWithinLimits(in owner: Owner) -> Bool {
    switch value {
    case .whole(let path, let range): range.contains(owner[keyPath: path])
    case .number(let path, let limits): limits.contain(owner[keyPath: path])
    case .optionalNumber(let path, let limits, _): owner[keyPath: path].map(limits.contain) ?? true
    }
  }
}

/// What a setting with a fraction may be.
public enum NumberLimits: Sendable, Hashable {
  case atLeast(Double)
  /// Above the first, and at most the second.
  case above(Double, atMost: Double)

  public func contain(_ number: Double) -> Bool {
    switch self {
    case .atLeast(let least): number >= least && number.isFinite
    case .above(let low, let high): number > low && number <= high
    }
  }

  public var text: String {
    switch self {
    case .atLeast(let least): "at least \(least.decimalText)"
    case .above(let low, let high): "above \(low.decimalText) and at most \(high.decimalText)"
    }
  }
}

extension Double {
  /// As people write it in files: without an exponent, and without a fraction where there is none.
  fileprivate var decimalText: String {
    if let whole = Int(exactly: self) { return "\(whole)" }
    let text = "\(self)"
    return text.contains("e") ? Decimal(string: text)?.description ?? text : text
  }
}
