/** Unpacks libraries and the headers the addon includes; returns the requirements of the wheel's CUDA extra. */
export function unpackTensorFlow(
  file: string,
  libraryFolder: string,
  includeFolder: string
): Promise<string[]>
/** Unpacks the libraries of NVIDIA's wheels below `folder/nvidia`. */
export function unpackNvidia(files: readonly string[], folder: string): Promise<void>
