/// The stable name of a kind of message, such as `R0102`. Modules list theirs in an extension.
public struct DiagnosticCode: Sendable, Hashable, Comparable, RawRepresentable,
  ExpressibleByStringLiteral
{
  public let rawValue: String
  public init(rawValue: String) { self.rawValue = rawValue }
  public init(stringLiteral value: String) { rawValue = value }
  public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}

public enum Severity: String, Sendable {
  case error, warning
  /// What is as it should be, and worth knowing once.
  case note
}

/// One message about something that a person wrote: what is wrong, where, and what to do.
public struct Diagnostic: Error, Sendable, Hashable {
  public let code: DiagnosticCode
  public let severity: Severity
  /// One exact sentence without a full stop that names the thing.
  public let message: String
  /// Where; nil only where no file is at hand, such as a missing file.
  public let span: SourceSpan?
  /// What to do about it.
  public let help: String?

  public init(
    _ code: DiagnosticCode, _ severity: Severity, _ message: String, at span: SourceSpan?,
    help: String? = nil
  ) {
    self.code = code
    self.severity = severity
    self.message = message
    self.span = span
    self.help = help
  }

  /// An error.
  public init(
    _ code: DiagnosticCode, _ message: String, at span: SourceSpan?, help: String? = nil
  ) {
    self.init(code, .error, message, at: span, help: help)
  }
}

/// Collects messages, so that all are shown together. Not `Sendable`: a report has one writer.
public final class Report {
  public private(set) var diagnostics: [Diagnostic] = []
  public private(set) var errorCount = 0
  private var known: Set<Diagnostic> = []

  public init() {}

  public var hasErrors: Bool { errorCount > 0 }

  public func add(_ diagnostic: Diagnostic) {
    // An alias in YAML, or a file used twice, must not say the same thing twice.
    guard known.insert(diagnostic).inserted else { return }
    diagnostics.append(diagnostic)
    if diagnostic.severity == .error { errorCount += 1 }
  }

  public func error(
    _ code: DiagnosticCode, _ message: String, at span: SourceSpan?, help: String? = nil
  ) {
    add(Diagnostic(code, .error, message, at: span, help: help))
  }

  public func warning(
    _ code: DiagnosticCode, _ message: String, at span: SourceSpan?, help: String? = nil
  ) {
    add(Diagnostic(code, .warning, message, at: span, help: help))
  }

  public func note(
    _ code: DiagnosticCode, _ message: String, at span: SourceSpan?, help: String? = nil
  ) {
    add(Diagnostic(code, .note, message, at: span, help: help))
  }

  /// The messages by file, place and code, those without a place first.
  public var sorted: [Diagnostic] {
    diagnostics.enumerated().sorted { a, b in
      let left = (a.element.span?.file.name ?? "", a.element.span?.range.lowerBound ?? -1)
      let right = (b.element.span?.file.name ?? "", b.element.span?.range.lowerBound ?? -1)
      if left != right { return left < right }
      return (a.element.code, a.offset) < (b.element.code, b.offset)
    }.map(\.element)
  }
}
