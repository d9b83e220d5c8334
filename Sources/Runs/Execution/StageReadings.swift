import PipelineFiles
import PostgresClient

extension PlannedPipeline {
  /// What stages read, by source.
  package func readings(of stages: [Stage]) -> [String: [SourceReading]] {
    var readings: [String: [SourceReading]] = [:]
    for stage in stages {
      guard let reading = plan(of: stage)?.reading else { continue }
      let (statement, scope) = (reading.statement, reading.statement.scope)
      readings[reading.connection, default: []].append(
        SourceReading(
          stage.name.text, selects: [statement.sql], relations: scope.relations,
          unprotected: scope.relations.isEmpty ? nil : Set(scope.unprotected), size: scope.size,
          acceptsRowSecurity: scope.acceptsRowSecurity))
    }
    return readings
  }
}
