import Frames

/// What is known of a relation before there are rows.
public struct RelationShape: Sendable {
  public var schema: Schema
  /// Columns that identify a row.
  public var key: [String]
  /// Column that says when a row happened.
  public var time: String?
  /// Column that says when a row became known.
  public var arrived: String?
  /// Column that says until when a row is valid, exclusive; null for ever.
  public var validTo: String?
  /// Why the relation has no time, where the extract says so.
  public var timeless: String?
  /// Whether it can be evaluated at past instants.
  public var isRepeatable: Bool
  /// What decides by other rows which rows there are, or `:as_of` in a SELECT; nil for nothing.
  public var chosenBy: String?
  /// The column that ranks rows by risk, where a model made one.
  public var probability: String?
  /// Relations that are published beside this one, by table name in the same schema.
  public var companions: [String: RelationShape]

  public init(
    schema: Schema, key: [String], time: String? = nil, arrived: String? = nil,
    validTo: String? = nil, timeless: String? = nil, isRepeatable: Bool = false,
    chosenBy: String? = nil, probability: String? = nil,
    companions: [String: RelationShape] = [:]
  ) {
    self.chosenBy = chosenBy
    self.schema = schema
    self.key = key
    self.time = time
    self.arrived = arrived
    self.validTo = validTo
    self.timeless = timeless
    self.isRepeatable = isRepeatable
    self.probability = probability
    self.companions = companions
  }
}
