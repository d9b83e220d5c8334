import Frames

/// Puts accounts together into persons by the values that they share.
public struct Identify: Sendable {
  /// Columns of one relation with values that accounts share.
  public struct Links: Sendable {
    /// The column that names the account.
    public let entityColumn: String
    public let columns: [Link]

    public init(entityColumn: String, columns: [Link]) {
      self.entityColumn = entityColumn
      self.columns = columns
    }
  }

  /// A column, and the kind of its values: those of one kind are compared.
  public struct Link: Sendable, Hashable {
    public let column: String
    public let kind: String

    public init(_ column: String, kind: String) {
      self.column = column
      self.kind = kind
    }
  }

  /// The column that names the accounts: the key of theirs.
  public let entity: Field
  /// One for each relation with values, in its order.
  public let links: [Links]
  /// The kinds of values, in the order of the file.
  public let kinds: [String]
  /// A value that more accounts share is nobody's.
  public let limit: Int
  /// A cluster of more accounts is no person.
  public let giant: Int
  /// Whether each account of such a cluster is a person of its own.
  public let keepsApart: Bool

  public init(
    entity: Field, links: [Links], kinds: [String], limit: Int, giant: Int, keepsApart: Bool
  ) {
    self.entity = entity
    self.links = links
    self.kinds = kinds
    self.limit = limit
    self.giant = giant
    self.keepsApart = keepsApart
  }
}

/// What is said of each account.
public enum IdentityColumns {
  public static let person = "person_id"
  public static let size = "cluster_size"
  public static let isGiant = "is_giant"
  public static let tiedTo = "tied_to"
  public static let tiedBy = "tied_by"

  /// - Parameter account: the column that names the accounts.
  public static func fields(_ account: Field) -> [Field] {
    let name = account.name
    return [
      Field(
        person, account.type, isNullable: account.isNullable,
        about: "The person, named by the least \(name) of the cluster."),
      Field(
        size, .int4, isNullable: false,
        about: "How many accounts hang together with this one, itself included."),
      Field(
        isGiant, .bool, isNullable: false,
        about: "Whether these are too many accounts for one person."),
      Field(
        tiedTo, account.type,
        about:
          "The \(name) that shares a value with this one and is nearer to the cluster's least; "
          + "null for that itself."),
      Field(tiedBy, .text, about: "The kinds of value that this account and tied_to share."),
    ]
  }
}

extension RelationShape {
  /// The columns that say since when and until when a row is known, those of the key left out.
  public var timesBesideKey: [String] {
    [time, arrived, validTo].compactMap(\.self).removingRepeats.filter { !key.contains($0) }
  }
}

extension Identify {
  func shape(_ accounts: RelationShape, _ sources: [RelationShape]) -> RelationShape {
    let values = zip(links, sources).flatMap { links, shape in
      links.columns.compactMap { shape.found($0.column, isChosen: shape.chosenBy != nil) }
    }
    let made = IdentityColumns.fields(entity).map { field in
      var made = Field.made(field.name, field.type, from: values, about: field.about)
      made.isNullable = field.isNullable
      return made
    }
    var shape = accounts
    shape.schema = Schema(
      [entity] + accounts.timesBesideKey.compactMap { accounts.schema[$0] } + made)
    shape.isRepeatable = accounts.isRepeatable && sources.allSatisfy(\.isRepeatable)
    shape.probability = nil
    shape.companions = [:]
    return shape
  }

  /// The columns that it reads of one of its relations.
  func needs(of links: Links) -> Set<String> {
    Set(links.columns.map(\.column) + [links.entityColumn])
  }

  var kindsText: String { kinds.joined(separator: ", ") }

  func steps(accounts: String, sources: [String]) -> [PlannedStep] {
    [
      PlannedStep(
        "put rows of \(accounts) together that share \(kindsText) in "
          + "\(sources.joined(separator: ", ")), unless more than \(limit) do", isAsOf: true),
      PlannedStep(
        "flag persons of more than \(giant)"
          + (keepsApart ? ", and keep their \(entity.name) apart" : ""), isAsOf: true),
    ]
  }
}
