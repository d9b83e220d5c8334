import Frames

/// Adds columns of one relation to the rows of another.
public struct Join: Sendable {
  /// How many rows of the right one of the left may find.
  public enum Cardinality: Sendable, Hashable {
    /// One, because the columns that agree hold the right's key.
    case key
    /// One, or it fails.
    case checked
    case many
  }

  /// A time of the left at which a row of the right must be valid: since the right's time and until the
  /// end of its validity, exclusive.
  public struct Validity: Sendable, Hashable {
    public let column: String
    public let from: String
    public let until: String?

    public init(column: String, from: String, until: String?) {
      self.column = column
      self.from = from
      self.until = until
    }
  }

  /// Columns that agree; nulls do not.
  public struct Pair: Sendable, Hashable {
    public let left: String
    public let right: String

    public init(left: String, right: String) {
      self.left = left
      self.right = right
    }
  }

  /// A column of the right, and the name that it gets.
  public struct Added: Sendable, Hashable {
    public let column: String
    public let name: String

    public init(_ column: String, as name: String) {
      self.column = column
      self.name = name
    }
  }

  public let on: [Pair]
  /// Whether rows that find none are left out.
  public let isInner: Bool
  public let cardinality: Cardinality
  public let validity: Validity?
  public var columns: [Added]
  /// Whether these are all that the right has, and would be more if it had more.
  public let addsAll: Bool

  public init(
    on: [Pair], isInner: Bool, cardinality: Cardinality, validity: Validity?, columns: [Added],
    addsAll: Bool = false
  ) {
    self.addsAll = addsAll
    self.on = on
    self.isInner = isInner
    self.cardinality = cardinality
    self.validity = validity
    self.columns = columns
  }
}

extension Join {
  func shape(_ left: RelationShape, _ right: RelationShape) -> RelationShape {
    let found = choice(left, right)
    let fields = columns.compactMap { added -> Field? in
      var field = right.found(added.column, as: added.name, isChosen: found != nil)
      if !isInner { field?.isNullable = true }
      return field
    }
    var shape = left
    shape.schema = Schema(left.schema.fields + fields)
    shape.key += cardinality == .many ? keyOfMany(right) : []
    shape.isRepeatable = left.isRepeatable && right.isRepeatable
    shape.chosenBy = left.chosenBy ?? (cardinality == .many || isInner ? found : nil)
    shape.probability =
      left.probability ?? columns.first { $0.column == right.probability }?.name
    shape.companions = [:]
    return shape
  }

  /// What tells the rows apart that one row of the left becomes: the right's key, as it is called.
  private func keyOfMany(_ right: RelationShape) -> [String] {
    right.key.filter { key in !on.contains { $0.right == key } }
      .compactMap { key in columns.first { $0.column == key }?.name }
  }

  /// What decides by other rows what a row of the left finds, and so with `inner` and `many` how often it
  /// is there.
  private func choice(_ left: RelationShape, _ right: RelationShape) -> String? {
    right.chosenBy ?? left.choice(by: on.map(\.left) + [validity?.column].compactMap { $0 })
      ?? right.choice(by: on.map(\.right))
  }

  func needsOfLeft(_ wanted: Set<String>?, shape: RelationShape) -> Set<String>? {
    wanted.map { wanted in
      wanted.subtracting(columns.map(\.name))
        .union(on.map(\.left)).union([validity?.column].compactMap(\.self))
    }
  }

  func needsOfRight(_ wanted: Set<String>?) -> Set<String>? {
    // All, and not those that can be read: rows that are wanted whole lose no column in silence.
    if wanted == nil, addsAll { return nil }
    return Set(columns.filter { wanted?.contains($0.name) != false }.map(\.column))
      .union(on.map(\.right))
      .union([validity?.from, validity?.until].compactMap(\.self))
  }

  func narrowed(to wanted: Set<String>, right: RelationShape) -> Join {
    var narrowed = self
    let key = cardinality == .many ? Set(right.key) : []
    narrowed.columns = columns.filter { wanted.contains($0.name) || key.contains($0.column) }
    return narrowed
  }

  /// The columns that agree: `user_id, product_id = id`.
  public var keyText: String {
    on.map { $0.left == $0.right ? $0.left : "\($0.left) = \($0.right)" }.joined(separator: ", ")
  }

  private var cardinalityText: String {
    if validity != nil { return "at most one row" }
    return switch cardinality {
    case .many: "any number of rows"
    case .key: "at most one row, by its key"
    case .checked: "at most one row, or the run stops"
    }
  }

  func text(left: String, right: String) -> String {
    let valid = validity.map { ", valid at \($0.column)" } ?? ""
    return "\(isInner ? "inner" : "left") join \(right) on \(keyText)\(valid): "
      + "\(cardinalityText) for each of \(left)"
  }
}
