import Frames
import PipelineFiles

/// A relation that exists at the run's as-of only, such as scores.
struct FixedRelation: Relation {
  let shape: RelationShape
  let asOf: Instant
  let frame: Frame

  func frame(asOf: Instant) async throws -> Frame {
    guard asOf == self.asOf else {
      throw StageFailure(
        "rows that were made for one as-of were asked for another",
        help: "train on features, not on what is made from a model")
    }
    return frame
  }
}
