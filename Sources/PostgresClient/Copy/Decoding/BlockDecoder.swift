import Foundation
import Frames
import Synchronization
import Threads

/// Decodes the blocks of a COPY while the next ones are read: on a thread of its own as soon as there
/// is more than one.
final class BlockDecoder: @unchecked Sendable {
  // The decoder is used by the reader until the thread starts, then by the thread until it has ended.
  private var decoder: FrameDecoder
  private var isThreaded = false
  private let filled = Handover<CopyBlock>(capacity: 3)
  private let emptied = Handover<CopyBlock>(capacity: 5)
  private var blocksMade = 0
  private let hasEnded = DispatchSemaphore(value: 0)
  private let failure = Mutex<PostgresError?>(nil)
  private let onProgress: (@Sendable (Int) -> Void)?

  init(_ decoder: FrameDecoder, onProgress: (@Sendable (Int) -> Void)?) {
    self.decoder = decoder
    self.onProgress = onProgress
  }

  /// A block to be filled.
  func emptyBlock() -> CopyBlock {
    if blocksMade < 4 {
      blocksMade += 1
      return CopyBlock()
    }
    return emptied.take() ?? CopyBlock()
  }

  /// Takes a full block, after which others follow.
  /// - Throws: what was wrong with one of those before.
  func take(_ block: CopyBlock) throws(PostgresError) {
    if let error = failure.withLock({ $0 }) { throw error }
    if !isThreaded { startThread() }
    filled.give(block)
  }

  /// Takes the last block and waits until everything is decoded.
  func finish(_ last: CopyBlock) throws(PostgresError) -> Frame {
    filled.close()
    if isThreaded { hasEnded.wait() }
    if let error = failure.withLock({ $0 }) { throw error }
    try decode(last)
    return try decoder.frame()
  }

  /// Ends without a frame.
  func abandon() {
    filled.close()
    if isThreaded { hasEnded.wait() }
  }

  private func startThread() {
    isThreaded = true
    NewThread.start(named: "roost decoder") { self.work() }
  }

  private func work() {
    while let block = filled.take() {
      do throws(PostgresError) {
        try decode(block)
      } catch {
        failure.withLock { $0 = error }
        filled.close()
        emptied.close()
        break
      }
      block.removeAll()
      emptied.give(block)
    }
    hasEnded.signal()
  }

  private func decode(_ block: CopyBlock) throws(PostgresError) {
    try decoder.decode(block.bytes)
    onProgress?(decoder.rowCount)
  }
}
