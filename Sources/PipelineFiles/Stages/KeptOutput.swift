import Frames
import Relations

/// What is kept of a stage's output on disk, so that a resumed run need not make it again.
public struct KeptOutput: Sendable {
  /// By a name of the stage kind's choice.
  public var frames: [String: Frame]
  /// Things that are no frames, such as a model, in a form of their own.
  public var data: [String: [UInt8]]

  public init(frames: [String: Frame] = [:], data: [String: [UInt8]] = [:]) {
    self.frames = frames
    self.data = data
  }
}
