import Diagnostics

/// The messages of this module: R0300 to R0399.
extension DiagnosticCode {
  /// A character or token that no expression has at this place.
  public static let unexpectedToken: Self = "R0301"
  /// A quote or parenthesis that is never closed.
  public static let unterminated: Self = "R0302"
  /// An expression that is nested too deeply or is too long.
  public static let expressionTooDeep: Self = "R0303"
  /// A piece of SQL that is not in the subset.
  public static let unsupportedSyntax: Self = "R0304"
  public static let unknownColumn: Self = "R0310"
  public static let unknownFunction: Self = "R0311"
  public static let unknownType: Self = "R0312"
  /// A function that has the name but not for these arguments.
  public static let noSuchSignature: Self = "R0313"
  /// An operator that does not work on these types.
  public static let operatorMismatch: Self = "R0314"
  /// Values that cannot have one type, as in `case` or `coalesce`.
  public static let incompatibleTypes: Self = "R0315"
  /// A cast that Postgres does not have.
  public static let impossibleCast: Self = "R0316"
  /// A quoted literal that is no value of the type it must have.
  public static let malformedLiteral: Self = "R0317"
  /// An expression of the wrong type for where it stands.
  public static let wrongType: Self = "R0318"
  /// A numeric that would need more digits than there are.
  public static let tooManyDigits: Self = "R0319"
  /// An aggregate where a value per row is wanted.
  public static let misplacedAggregate: Self = "R0320"
  /// A column outside of an aggregate where one value per group is wanted.
  public static let ungroupedColumn: Self = "R0321"
  /// A regular expression, or the escape of a `like`, that is malformed or not in the subset.
  public static let invalidPattern: Self = "R0322"
  /// A literal argument of a function that it does not take.
  public static let invalidArgument: Self = "R0323"
  /// A comparison with null, which is never true.
  public static let comparisonWithNull: Self = "R0330"
  /// A comparison with a value that the column never has.
  public static let impossibleValue: Self = "R0331"
  /// A feature's comparison that only rows at or after the as-of can pass, which it never sees.
  public static let unseenRows: Self = "R0332"
  /// A division of whole numbers, whose fraction is cut off.
  public static let cutOffFraction: Self = "R0333"
}

extension Diagnostic {
  static func error(
    _ code: DiagnosticCode, _ message: String, at span: SourceSpan?, help: String? = nil
  ) -> Diagnostic {
    Diagnostic(code, .error, message, at: span, help: help)
  }
}
