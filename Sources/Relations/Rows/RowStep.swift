import Frames

/// A step over the rows of one relation: what it means, and nothing of how it is done.
///
/// Closed, so that the compiler names every reader that must learn a new one: engines, printers.
public enum RowStep: Sendable {
  case deduplicate(Deduplicate)
  case reject(Reject)
  case assign(Assign)
  case read(Read)
  case map(Map)
  case normalize(Normalize)
  case clip(Clip)
  case fill(Fill)
  case compare(Compare)
  case hash(Hash)
  case sequence(Sequence)
}

/// What a step looks at to decide on a row.
public enum StepScope: Sendable, Hashable {
  /// The row alone, so that what was done once holds for every as-of.
  case row
  /// The row and what is learnt of all rows that are seen, in whatever order they come: it gives rows
  /// other values and neither removes nor moves any.
  case fitted
  /// Other rows, or the as-of.
  case asOf
}

/// A column that a step gives values to.
public struct Assignment: Sendable, Hashable {
  public let column: String
  /// The columns that they are made from.
  public let origins: Set<String>
  /// How, in the words of the file.
  public let text: String

  public init(_ column: String, from origins: Set<String>, by text: String) {
    self.column = column
    self.origins = origins
    self.text = text
  }
}

/// What every reader may ask of a step.
public protocol RowStepMeaning: Sendable {
  /// What it does, in a few words: `deduplicate by order_id`.
  var label: String { get }
  var scope: StepScope { get }
  /// The columns that it changes or adds, with the fields that they become, in their order.
  var fields: [Field] { get }
  /// How it makes them.
  var assignments: [Assignment] { get }
  /// The columns that it looks at; nil where it looks at all.
  var reads: Set<String>? { get }
  /// The columns by which it decides which rows stay.
  var deciding: Set<String> { get }
  /// Whether it removes rows because they are bad.
  var rejects: Bool { get }
}

extension RowStep {
  /// What it means, whichever it is.
  public var meaning: any RowStepMeaning {
    switch self {
    case .deduplicate(let step): step
    case .reject(let step): step
    case .assign(let step): step
    case .read(let step): step
    case .map(let step): step
    case .normalize(let step): step
    case .clip(let step): step
    case .fill(let step): step
    case .compare(let step): step
    case .hash(let step): step
    case .sequence(let step): step
    }
  }

  public var label: String { meaning.label }
  public var scope: StepScope { meaning.scope }

  /// Whether it must be repeated for every as-of.
  public var isAsOf: Bool { scope != .row }

  /// What comes out of rows of a shape.
  public func shape(after input: RelationShape) -> RelationShape {
    var shape = input
    shape.chosenBy = input.chosenBy ?? input.choice(by: meaning.deciding)
    for field in meaning.fields { shape.schema.set(field) }
    return shape
  }
}
