import MemoryEngine
import PipelineFiles

extension StageRegistry {
  /// The stage kinds that Roost comes with, over the engine that makes rows in memory.
  public static let builtIn = StageRegistry(
    [
      Extract.self, Clean.self, Union.self, Join.self, Identify.self, Check.self, Features.self,
      Train.self, Score.self, Segment.self, Target.self, Write.self, SQLStage.self,
    ], engine: MemoryEngine())
}
