import Foundation
import PipelineFiles

/// Finds `roost.yaml`: where it is named, beside or above a pipeline, or above the working directory,
/// where a folder `pipelines` is looked into too.
public enum ProjectFinder {
  static let fileName = "roost.yaml"

  /// The path of the project file; nil where there is none.
  public static func find(named path: String?, pipeline: String?) -> String? {
    if let path {
      var isFolder: ObjCBool = false
      let exists = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
      return exists && isFolder.boolValue ? Paths.join(path, fileName) : path
    }
    let here = FileManager.default.currentDirectoryPath
    if let pipeline {
      let folder = Paths.folder(of: pipeline)
      if let found = climb(from: folder, names: [fileName]) { return found }
    }
    return climb(from: here, names: [fileName, "pipelines/\(fileName)"])
  }

  private static func climb(from folder: String, names: [String]) -> String? {
    var folder = URL(fileURLWithPath: folder).standardizedFileURL
    while true {
      for name in names {
        let file = folder.appendingPathComponent(name).path
        if FileManager.default.fileExists(atPath: file) { return Paths.shown(file) }
      }
      let parent = folder.deletingLastPathComponent().standardizedFileURL
      if parent.path == folder.path { return nil }
      folder = parent
    }
  }
}
