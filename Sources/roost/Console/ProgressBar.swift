import Foundation
import Synchronization

/// One line on a terminal that fills; nothing elsewhere.
final class ProgressBar: Sendable {
  private let hasDrawn = Mutex(false)

  func show(done: Int, of total: Int, _ text: String) {
    guard Console.isTerminal, total > 0 else { return }
    let filled = done * 30 / total
    let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: 30 - filled)
    hasDrawn.withLock { $0 = true }
    Console.write("\r[\(bar)] \(done * 100 / total)%  \(text)\u{1b}[K", to: .standardError)
  }

  func end() {
    if hasDrawn.withLock({ $0 }) { Console.write("\r\u{1b}[K", to: .standardError) }
  }
}
