/** A JPEG's pixels. */

/** What a canvas draws, and what is closed once it has. */
export interface Unpacked {
  image: CanvasImageSource;
  width: number;
  height: number;
  close(): void;
}

/**
 * Where the browser lends its decoder (a page from this machine or over https) the bytes go straight to it. A Blob goes through the
 * browser's own process first: sixty pictures a second are a twentieth of a core of that. @throws when it is no JPEG
 */
export async function unpack(jpeg: Uint8Array<ArrayBuffer>): Promise<Unpacked> {
  if (!('ImageDecoder' in globalThis)) {
    const image = await createImageBitmap(new Blob([jpeg], { type: 'image/jpeg' }));
    return { image, width: image.width, height: image.height, close: () => image.close() };
  }
  const decoder = new ImageDecoder({ data: jpeg, type: 'image/jpeg' });
  try {
    const { image } = await decoder.decode();
    return { image, width: image.displayWidth, height: image.displayHeight, close: () => image.close() };
  } finally {
    decoder.close();
  }
}
