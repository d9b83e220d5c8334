import PipelineFiles
import PostgresClient

extension PlannedPipeline {
  /// What stages read, by source.
  func readings(of stages: [Stage]) -> [String: [SourceReading]] {
    var readings: [String: [SourceReading]] = [:]
    for stage in stages {
      let statements = plan(of: stage)?.statements ?? []
      for (source, own) in Dictionary(grouping: statements, by: \.connection) {
        readings[source, default: []].append(
          SourceReading(
            stage.name.text, selects: own.map(\.sql),
            relations: own.reduce(into: []) { $0.formUnion($1.scope.relations) },
            unprotected: own.contains(where: \.scope.relations.isEmpty)
              ? nil : Set(own.flatMap(\.scope.unprotected)),
            size: own.reduce(0) { $0 + $1.scope.size },
            acceptsRowSecurity: own.contains(where: \.scope.acceptsRowSecurity)))
      }
    }
    return readings
  }
}
