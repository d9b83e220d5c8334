import Foundation
import Frames
import PipelineFiles
import Synchronization
import Threads

/// Writes checkpoints beside the run, on a thread of its own. One that cannot be written is a remark:
/// it costs a resumed run time, and this one nothing.
final class CheckpointWriter: Sendable {
  private let folder: CheckpointFolder
  private let onTrouble: @Sendable (_ stage: String, _ trouble: String) -> Void
  private let queue = DispatchQueue(label: "roost.checkpoints", qos: .utility)
  private let isStopped = Atomic(false)

  init(
    _ folder: CheckpointFolder,
    onTrouble: @escaping @Sendable (_ stage: String, _ trouble: String) -> Void
  ) {
    self.folder = folder
    self.onTrouble = onTrouble
  }

  func write(_ content: CheckpointFolder.Content, by maker: CheckpointMaker) {
    let made = Date().formatted(.iso8601)
    queue.async { [self] in
      if isStopped.load(ordering: .relaxed) { return }
      do {
        try folder.write(content, by: maker, made: made)
      } catch {
        try? folder.remove(content.stage)
        onTrouble(content.stage, "\(error)")
      }
    }
  }

  /// Returns when all is on the disk.
  func finish() async {
    await withCheckedContinuation { done in queue.async { done.resume() } }
  }

  /// Drops what is not written yet, and removes what is.
  func clear() async throws {
    isStopped.store(true, ordering: .relaxed)
    let folder = folder
    try await withCheckedThrowingContinuation { done in
      queue.async { done.resume(with: Result { try folder.clear() }) }
    }
  }
}
