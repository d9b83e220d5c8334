import Frames
import PipelineFiles
import PostgresClient
import Synchronization

/// Rows of a run that are in the database and not yet visible.
struct LoadedTable: Sendable {
  let layout: TargetLayout
  /// The table in `roost_data` that has them.
  let rowsIn: QualifiedName
  /// The stage that made them.
  let stage: String
  let rows: Int
  /// What speaks against publishing them without a person's word.
  var objections: [String] = []
}

/// What the stages of a run loaded so far.
final class LoadedSnapshots: Sendable {
  private struct State {
    var begun: [QualifiedName] = []
    var loaded: [LoadedTable] = []
    var objections: [String: [String]] = [:]
  }
  private let state = Mutex(State())

  func begin(_ name: QualifiedName) { state.withLock { $0.begun.append(name) } }
  func add(_ table: LoadedTable) { state.withLock { $0.loaded.append(table) } }

  /// Notes what speaks against publishing what a stage made.
  func object(_ objections: [String], stage: String) {
    state.withLock { $0.objections[stage] = objections.isEmpty ? nil : objections }
  }

  /// What speaks against publishing anything, stage by stage.
  var objections: [String] {
    state.withLock { state in
      state.objections.sorted { $0.key < $1.key }.flatMap { stage, said in
        said.map { "\(stage): \($0)" }
      }
    }
  }

  /// Tables in `roost_data` whose loading began, whether it ended or not.
  var begun: [QualifiedName] { state.withLock { $0.begun } }
  var all: [LoadedTable] { state.withLock { $0.loaded } }
}
