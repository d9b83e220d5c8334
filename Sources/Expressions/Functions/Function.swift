import Frames

/// A function of the values of one row: the one declaration from which its typing, its evaluation
/// and its line in the reference come.
struct Function: Sendable {
  let name: String
  /// What it does, in one sentence, for the reference.
  let about: String
  let signatures: [Signature]

  init(_ name: String, _ about: String, _ signatures: Signature...) {
    self.name = name
    self.about = about
    self.signatures = signatures
  }

  static func named(_ name: String) -> Function? { catalogue[name] }
  static var names: [String] { catalogue.keys.sorted() }

  private static let catalogue: [String: Function] = Dictionary(
    (textFunctions + patternFunctions + paddingFunctions + numberFunctions + bucketFunctions
      + timeFunctions + extraction + sentimentFunctions).map { ($0.name, $0) },
    uniquingKeysWith: { first, _ in first })
}

/// What a function takes and gives.
struct Signature: Sendable {
  enum Parameter: Sendable, Equatable {
    case exactly(ColumnType)
    /// A numeric of any digits.
    case numeric
    /// A value of any type, which is printed.
    case printed
    /// A text or number that must stand there literally, since the result's type depends on it.
    case literal(ColumnType)
  }

  enum Nulls: Sendable {
    /// Null if an argument is.
    case strict
    case never
    case always
  }

  let parameters: [Parameter]
  let isVariadic: Bool
  let nulls: Nulls
  /// The result's type and what computes it; nil where the literal arguments make no sense.
  typealias Instantiate =
    @Sendable ([TypedNode]) throws(LiteralMistake) -> (type: ColumnType, kernel: Kernel)?
  let instantiate: Instantiate

  init(
    _ parameters: [Parameter], isVariadic: Bool = false, nulls: Nulls = .strict,
    _ instantiate: @escaping Instantiate
  ) {
    self.parameters = parameters
    self.isVariadic = isVariadic
    self.nulls = nulls
    self.instantiate = instantiate
  }

  /// A function of fixed types.
  init(_ types: [ColumnType], _ result: ColumnType, nulls: Nulls = .strict, _ kernel: Kernel) {
    self.init(types.map(Parameter.exactly), nulls: nulls) { _ in (result, kernel) }
  }

  /// The parameter at an index, or nil if there are not as many.
  func parameter(_ index: Int) -> Parameter? {
    index < parameters.count ? parameters[index] : isVariadic ? parameters.last : nil
  }

  func takes(_ count: Int) -> Bool {
    isVariadic ? count >= parameters.count : count == parameters.count
  }

  /// The parameter types as the reference and messages show them.
  var description: String {
    let types = parameters.map { parameter in
      switch parameter {
      case .exactly(let type): type.sqlName
      case .literal(let type): "literal \(type.sqlName)"
      case .numeric: "numeric"
      case .printed: "any"
      }
    }
    return "(" + types.joined(separator: ", ") + (isVariadic ? ", …" : "") + ")"
  }
}

/// Why a literal argument is not taken.
struct LiteralMistake: Error {
  /// Its place among the arguments, from 0.
  let argument: Int
  let message: String
  var help: String?
}

extension TypedNode {
  /// The value of an integer literal.
  var literalInteger: Int? {
    guard case .constant(let value) = operation, case .int64(let values) = value.column.values,
      !value.isNull(0)
    else { return nil }
    return Int(values[0])
  }

  /// The value of a text literal.
  var literalText: String? {
    guard case .constant(let value) = operation,
      case .text(let codes, let texts) = value.column.values,
      !value.isNull(0)
    else { return nil }
    return texts[codes[0]]
  }
}
