import Catalog
import Diagnostics
import PipelineFiles
import PostgresClient
import Runs

/// Says what somebody has done by hand to the tables that a pipeline publishes.
struct DamageCheck: Sendable {
  let planned: PlannedPipeline
  let publishing: PublishingEnvironment
  let grantTo: String?

  /// Whether there is anything to look at.
  var hasTables: Bool {
    planned.plans.values.contains { $0.tables.contains(where: \.mode.isRoosts) }
  }

  /// - Throws: `PostgresError`.
  func diagnostics(on connection: PostgresConnection) async throws -> [Diagnostic] {
    var diagnostics: [Diagnostic] = []
    let name = planned.pipeline.name
    let option = publishing.name.map { " --environment \($0)" } ?? ""
    for stage in planned.pipeline.stages {
      for table in planned.plan(of: stage)?.tables ?? [] where table.mode.isRoosts {
        let target = publishing.resolve(table.name)
        guard let known = try await connection.publishedTable(target) else { continue }
        let damage = try await connection.damage(of: target, rowsIn: known.data, role: grantTo)
        diagnostics += damage.map { one in
          Diagnostic(
            .damagedPublication, one.isInTheWay ? .error : .warning, one.text, at: stage.name.span,
            help: Self.help(for: one, "roost repair \(name)\(option)"))
        }
      }
    }
    return diagnostics
  }

  private static func help(for damage: PublicationDamage, _ repair: String) -> String {
    switch damage {
    case .noRows: "what was published is lost; begin again with: \(repair)"
    case .rowsChanged:
      "restore them from a backup, or publish the run's as-of again; roost does not mend rows"
    case .rowsRenamed: "give it its name back, where that is free, with: \(repair)"
    case .rowsGone: "forget them with: \(repair); only another run for their as-of makes them again"
    case .otherKind: "rename or drop it, then: \(repair)"
    case .noView, .otherView, .notGranted:
      "the next run makes it as it should be; at once does: \(repair)"
    }
  }
}
