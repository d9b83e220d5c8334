import Diagnostics
import Frames
import PipelineFiles
import PostgresClient

/// A share of a pipeline's entities, chosen by a hash: the same ones each time and in all sources.
struct EntitySample: Sendable {
  /// A hash is taken as one of so many steps.
  private static let steps = 1_000_000

  /// The column that names the entity.
  let column: String
  let share: Share

  /// - Returns: nil where there is no entity, or more than one, which the report then says.
  init?(_ share: Share, for stage: String, of pipeline: Pipeline, _ report: Report) {
    let upstream = pipeline.upstream(of: stage)
    let before = pipeline.stages.filter { upstream.contains($0.name.text) }
    let nearest = Self.entities(of: before)
    let names = nearest.isEmpty ? Self.entities(of: pipeline.stages) : nearest
    guard let name = names.first, names.count == 1 else {
      report.error(
        .missingKey,
        names.isEmpty
          ? "the pipeline has no entity of which a sample could be taken"
          : "the pipeline has several entities: \(names.joined(separator: ", "))",
        at: nil,
        help: names.isEmpty
          ? "a features stage says what it is: entity: users.user_id; or leave --sample out"
          : "leave --sample out, or preview a stage that uses one of them")
      return nil
    }
    column = name
    self.share = share
  }

  private static func entities(of stages: [Stage]) -> [String] {
    Set(stages.compactMap { $0.kind.namedEntity?.column }).sorted()
  }

  /// Whether rows of a stage belong to an entity.
  func applies(to plan: StagePlan) -> Bool {
    guard plan.reading != nil, case .relation(let relation) = plan.shape else { return false }
    return relation.schema[column] != nil
  }

  /// The rows of a SELECT that belong to the sample. Postgres keeps this hash the same from version to
  /// version, because partitions by hash rely on it.
  func filtering(_ select: String) throws(PostgresError) -> String {
    let name = try SQL.identifier(column)
    let hash = "hashtextextended(s.\(name)::text COLLATE \"C\", 0)"
    let limit = Int((share.fraction * Double(Self.steps)).rounded(.up))
    // The sign bit is cleared: the remainder of a negative number is negative.
    return """
      SELECT s.* FROM \(SQL.subquery(select)) s
      WHERE (\(hash) & 9223372036854775807) % \(Self.steps) < \(limit)
      """
  }
}
