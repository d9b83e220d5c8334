import PipelineFiles

/// Finds `roost.yaml`: where it is named, beside or above a pipeline, or above the working directory,
/// where a folder `pipelines` is looked into too.
public enum ProjectFinder {
  static let fileName = "roost.yaml"

  /// The path of the project file; nil where there is none.
  public static func find(named path: String?, pipeline: String?) -> String? {
    if let path {
      guard Files.isFolder(path) == true else { return path }
      return path == "." ? fileName : Paths.join(path, fileName)
    }
    if let pipeline {
      let folder = Paths.folder(of: pipeline)
      if let found = climb(from: folder, names: [fileName]) { return found }
    }
    return climb(from: ".", names: [fileName, "pipelines/\(fileName)"])
  }

  private static func climb(from folder: String, names: [String]) -> String? {
    // Where the working directory is gone, nothing lies above a relative path.
    var folder = Paths.absolute(folder) ?? folder
    while true {
      for name in names {
        let file = folder == "/" ? "/" + name : folder + "/" + name
        if Files.exists(file) { return Paths.shown(file) }
      }
      let parent = Paths.folder(of: folder)
      if parent == folder || !Paths.isAbsolute(folder) { return nil }
      folder = parent
    }
  }
}
