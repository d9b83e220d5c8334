import Diagnostics
import Frames
import PipelineFiles
import Relations

/// Finds out which accounts are one person: those that share a device, a phone, an e-mail address,
/// directly or through other accounts.
public struct Identify: StageKind, NamesEntity {
  public static let kind = "identify"
  public static let group = StageGroup.people
  public static let about =
    "Finds out which accounts are one person, by the values that they share, and keeps the evidence."
  public static let example = """
    people:
      identify:
        entity: users.user_id
        by:
          users: [phone_hash, email_hash]
          store_orders: { entity: member_id, values: { phone: phone_hash } }
        ignore: { more_than: 20 }
        giant: { more_than: 50, keep: apart }
    """

  let entity: EntityReference
  let by: EntriesByName<StageName, SharedColumns>
  let ignore: Ignore
  let giant: Giant

  public init(_ keys: inout Keys) {
    entity = keys(
      "entity", "Stage and column that name the accounts; the result has a row for each.")
    by = keys(
      "by",
      "What accounts of one person share, by the stage that says so: columns with such values.")
    ignore = keys(
      "ignore", "Values that say nothing.", default: Ignore(moreThan: 20),
      shown: "{ more_than: 20 }")
    giant = keys(
      "giant", "Persons with so many accounts that something is wrong.",
      default: Giant(moreThan: 50, keep: .together), shown: "{ more_than: 50, keep: together }")
  }

  public var inputs: [StageName] { ([entity.stage] + by.entries.map(\.name)).removingRepeats }

  public var entityColumn: StageColumn? { StageColumn(entity.stage.text, entity.column.text) }
}

/// Values that are shared by chance, such as the phone of an office.
struct Ignore: Record {
  static let about = "Values that say nothing."
  let moreThan: Int

  init(moreThan: Int) { self.moreThan = moreThan }

  init(_ keys: inout Keys) {
    moreThan = keys("more_than", "A value that more accounts share than this is nobody's.")
  }
}

/// Clusters that are too large to be a person.
struct Giant: Record {
  static let about = "Persons with so many accounts that something is wrong."
  let moreThan: Int
  let keep: Kept

  init(moreThan: Int, keep: Kept) {
    self.moreThan = moreThan
    self.keep = keep
  }

  init(_ keys: inout Keys) {
    moreThan = keys("more_than", "With more accounts than this a person is flagged as giant.")
    keep = keys(
      "keep",
      "What becomes of them: together they are one person nevertheless, apart each account is one.",
      default: .together, shown: "together")
  }

  enum Kept: String, Choice { case together, apart }
}

/// Columns of one stage with values that accounts share: names, or keys where there is more to say.
struct SharedColumns: ReadAs {
  /// The column that names the account; the entity's own name when left out.
  let entity: ColumnName?
  /// Columns, each with the kind of value that stands in it.
  let values: Pairs<ColumnName, ColumnName>

  struct Full: Record {
    static let about = "Columns of one stage with values that accounts share."
    let entity: ColumnName?
    let values: Pairs<ColumnName, ColumnName>

    init(_ keys: inout Keys) {
      entity = keys(
        "entity", "Column that names the account; the entity's own name when left out.")
      values = keys(
        "values",
        "Columns with values: names, or each with the kind of its values, which columns of several "
          + "stages may have in common.")
    }
  }

  init(_ written: Short<OneOrMany<ColumnName>, Full>) {
    switch written {
    case .value(let names): (entity, values) = (nil, Pairs(names))
    case .full(let full): (entity, values) = (full.entity, full.values)
    }
  }
}
