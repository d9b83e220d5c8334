import Frames
import PipelineFiles
import PostgresClient
import Synchronization

/// Rows of a run that are in the database and not yet visible.
struct LoadedTable: Sendable {
  let layout: TargetLayout
  /// The stage that made them.
  let stage: String
  let rows: Int
  /// What speaks against publishing them without a person's word.
  var objections: [String] = []
}

/// What the stages of a run loaded so far.
final class LoadedSnapshots: Sendable {
  private struct State {
    var begun: [TargetLayout] = []
    var loaded: [LoadedTable] = []
  }
  private let state = Mutex(State())

  func begin(_ layout: TargetLayout) { state.withLock { $0.begun.append(layout) } }
  func add(_ table: LoadedTable) { state.withLock { $0.loaded.append(table) } }

  /// Tables whose loading began, whether it ended or not.
  var begun: [TargetLayout] { state.withLock { $0.begun } }
  var all: [LoadedTable] { state.withLock { $0.loaded } }
}
