import PipelineFiles
import PostgresClient

extension Parameter {
  /// Kinds of alerts, as an array of texts.
  init(_ told: Set<AlertKind>) { self = .texts(told.map(\.rawValue).sorted()) }
}
