import Diagnostics
import Frames
import MemoryEngine
import PipelineFiles
import PostgresClient

@testable import Runs
@testable import Scheduling

/// Projects and pipelines as texts, for tests that move no data.
enum Samples {
  static let registry = StageRegistry([Nothing.self], engine: MemoryEngine())

  static func instant(_ text: String, _ zone: CalendarZone = .utc) -> Instant {
    guard let instant = Instant(text, in: zone) else { preconditionFailure(text) }
    return instant
  }

  static let projectText = """
    roost: 1
    connections: { shop: "${SHOP_DATABASE_URL}" }
    state: shop
    """

  static func project(_ more: String = "", folder: String = "", report: Report = Report())
    -> Project
  {
    let reader = PipelineReader(registry: registry, environment: [:], report: report)
    guard
      let project = reader.project(
        SourceFile(name: folder + "roost.yaml", text: projectText + "\n" + more))
    else { preconditionFailure("\(report.sorted)") }
    return project
  }

  static func text(
    _ schedule: String, name: String = "nightly", zone: String = "UTC", asOf: String = "day"
  ) -> String {
    """
    pipeline: \(name)
    timezone: \(zone)
    as_of: \(asOf)
    schedule: { \(schedule) }
    stages: { first: { nothing: {} } }
    """
  }

  static func pipeline(
    _ schedule: String, name: String = "nightly", zone: String = "UTC", asOf: String = "day",
    report: Report = Report()
  ) -> Pipeline {
    let text = text(schedule, name: name, zone: zone, asOf: asOf)
    let reader = PipelineReader(registry: registry, environment: [:], report: report)
    guard
      let pipeline = reader.pipeline(SourceFile(name: "\(name).yaml", text: text), in: project())
    else { preconditionFailure("\(report.sorted)") }
    return pipeline
  }
}

/// A stage that does nothing.
struct Nothing: StageKind {
  static let kind = "nothing"
  static let group = StageGroup.rows
  static let about = "Does nothing."
  static let example = "first: { nothing: {} }"
  init(_ keys: inout Keys) {}
  var inputs: [StageName] { [] }
  func plan(_ context: PlanContext) -> StagePlan? { nil }
}
