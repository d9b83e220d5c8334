import Diagnostics
import PipelineFiles

/// Finds the file of a pipeline of a project by the pipeline's name.
public enum PipelineFinder {
  /// The YAML files beside `roost.yaml` and in the folder `pipelines` beside it, in the order of their
  /// names.
  public static func files(in folder: String) -> [String] {
    [folder, Paths.join(folder, "pipelines")].flatMap { folder in
      ((try? Files.names(in: folder)) ?? []).sorted()
        .filter { ($0.hasSuffix(".yaml") || $0.hasSuffix(".yml")) && !$0.hasPrefix("roost.") }
        .map { Paths.join(folder, $0) }
    }
  }

  /// Whether a file says that it is a pipeline, wrong as it may be.
  public static func isPipeline(_ path: String) -> Bool {
    guard let file = try? Files.read(path) else { return true }
    return file.text.contains(#/(?m)^["']?pipeline["']?[ \t]*:/#)
  }

  /// - Returns: nil where no file holds it.
  public static func file(of pipeline: String, in session: ProjectSession) -> String? {
    files(in: session.project.folder).first { path in
      // What is wrong with other files is not asked here.
      session.reporting(to: Report()).read(path)?.name == pipeline
    }
  }
}
