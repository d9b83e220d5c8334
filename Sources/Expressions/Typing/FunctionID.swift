import Frames

/// What a call computes: its name and the types of what it takes. Together with the call's arguments and
/// its own type it says all of the call's meaning, so that expressions can be compared, hashed and printed
/// without a look at what evaluates them.
struct FunctionID: Hashable, Sendable {
  let name: FunctionName
  let takes: [ColumnType]
}

/// The functions by their names, and the operators and constructs that have words of their own.
enum FunctionName: Hashable, Sendable {
  /// One of the declared functions.
  case function(String)
  /// `+ - * / % ^` of numbers and times.
  case arithmetic(BinaryOperator)
  case negation
  case not
  case comparison(Comparison)
  case distinct(isNegated: Bool)
  case test(SyntaxNode.Test, isNegated: Bool)
  case concatenation
  /// Of a text and a pattern.
  case like(escape: Unicode.Scalar?, ignoresCase: Bool, isNegated: Bool)
  /// Of a text and a literal pattern: `~` and its kin.
  case matches(PatternTest)
  /// To the type of the call, asked for or made by itself.
  case cast
  /// An exact number with the places that an operator wants, which is the same number.
  case digits
  /// A date as the time with which it is compared.
  case comparedDate
  /// Of the value, and of the two as they are compared.
  case nullIf
  case extreme(isGreatest: Bool)
  /// The place of a label in the order of its enum.
  case place(in: [String])
  /// The label at a place.
  case label(of: [String])
}

/// A function in use: what it is, and what evaluates it.
struct FunctionUse: Sendable {
  let id: FunctionID
  let kernel: Kernel
}
