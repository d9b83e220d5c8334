import Diagnostics
import Frames
import Stages

@testable import PipelineFiles

/// Reads and plans a pipeline without any database, as `roost check --offline` does.
/// - Parameter project: the text of a `roost.yaml`; one without time zone when left out.
func checkOffline(
  _ file: SourceFile, project: SourceFile = defaultProject, _ report: Report,
  environment: [String: String] = [:]
) -> Pipeline? {
  let reader = PipelineReader(registry: .builtIn, environment: environment, report: report)
  guard let project = reader.project(project),
    let pipeline = reader.readablePart(of: file, in: project)
  else { return nil }
  let planner = Planner(
    pipeline, in: project, asOf: Instant(microseconds: 0),
    engine: StageRegistry.builtIn.engine, environment: environment, publishing: .standard,
    report: report)
  _ = planner.plan(CatalogFacts(isOffline: true))
  return pipeline
}

let defaultProject = SourceFile(
  name: "roost.yaml",
  text: """
    roost: 1
    connections: { shop: "${SHOP_DATABASE_URL}", warehouse: "${WAREHOUSE_DATABASE_URL}" }
    state: warehouse
    holdout_key: ${ROOST_HOLDOUT_KEY}
    """)
