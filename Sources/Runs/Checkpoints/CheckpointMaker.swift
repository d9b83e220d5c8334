import Frames
import State

/// The attempt that made a checkpoint. Numbers of runs come again where the state is restored from a
/// backup; the instant at which a run began does not.
struct CheckpointMaker: Codable, Sendable, Hashable {
  let run: Int
  /// When the run began, in microseconds.
  let began: Int64
  let attempt: Int
  /// The instants at which the sources were read from which its rows come, as `roost.runs` has them.
  var snapshots: [String: String] = [:]

  init(_ session: RunSession) {
    run = session.run
    began = session.began.microseconds
    attempt = session.attempt
  }
}

extension KnownRuns {
  /// Whether a checkpoint is of an attempt that is known.
  func know(_ maker: CheckpointMaker) -> Bool {
    know(run: maker.run, began: maker.began, attempt: maker.attempt)
  }
}
