import Diagnostics
import Expressions
import Frames
import PipelineFiles
import Relations

/// One row for each entity with what was known of it before an instant.
public struct Features: StageKind, NamesEntity {
  public static let kind = "features"
  public static let group = StageGroup.features
  public static let about = "One row for each entity, with what was known of it before the as-of."
  public static let example = """
    user_features:
      features:
        entity: users.user_id
        windows: [30d, 90d]
        from:
          clean_orders:
            where: "status <> 'cancelled'"
            windowed:
              orders: count(*)
              spend: sum(amount)
              city_share: { share_of: city, top: 3 }
            ever: { recency_days: days_since(max(ordered_at)) }
        derived:
          spend_trend: spend_30d / nullif(spend_90d / 3, 0)
    """

  let entity: EntityReference
  let windows: [Duration]
  let from: EntriesByName<StageName, FeatureSource>
  let derived: Entries<Expression>

  public init(_ keys: inout Keys) {
    entity = keys("entity", "Stage and column that name the entities, such as users.user_id.")
    windows = keys(
      "windows", "Lengths of the windows before the as-of, such as [7d, 30d].", default: [],
      shown: "none")
    from = keys("from", "What is worked out, by the stage that it comes from.")
    derived = keys(
      "derived", "Features worked out from the others.", default: .empty,
      shown: "none")
  }

  public var inputs: [StageName] { [entity.stage] + from.entries.map(\.name) }

  public var entityColumn: StageColumn? { StageColumn(entity.stage.text, entity.column.text) }
}

/// What is worked out from one stage.
struct FeatureSource: Record {
  static let about = "Aggregates over the rows of one stage that belong to an entity."
  let condition: Expression?
  let entity: ColumnName?
  let windowed: Entries<FeatureFormula>
  let ever: Entries<FeatureFormula>
  let unmatched: Share?

  init(_ keys: inout Keys) {
    condition = keys("where", "Only rows for which this is true count.")
    entity = keys("entity", "Column that names the entity; the entity's own name when left out.")
    windowed = keys(
      "windowed", "Aggregates, one column for each window: spend becomes spend_7d, spend_30d.",
      default: .empty, shown: "none")
    ever = keys(
      "ever", "Aggregates over all rows before the as-of.", default: .empty,
      shown: "none")
    unmatched = keys(
      "unmatched",
      "Share of its rows that may belong to no entity; more stop the run. Left out, more than 1% are warned of, and all of them stop it."
    )
  }
}

/// A stage and one of its columns: `users.user_id`.
struct EntityReference: Word {
  static let word = WordShape(
    name: "a stage and its column", example: "users.user_id", pattern: #"^[^.]+\.[^.]+$"#,
    scalars: [.string])
  let stage: StageName
  let column: ColumnName

  init(parsing snippet: Snippet) throws {
    let bytes = Array(snippet.text.utf8)
    let point = UInt8(ascii: ".")
    guard let end = bytes.firstIndex(of: point), bytes.lastIndex(of: point) == end else {
      throw WordTrouble("'\(snippet.excerpt)' does not name a stage and a column")
    }
    stage = try StageName(parsing: snippet.part(0..<end))
    column = try ColumnName(parsing: snippet.part((end + 1)..<bytes.count))
  }
}
