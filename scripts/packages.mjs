/** The Debian packages that VistterStudio needs, in one place: `runtime` to build and run it, `dev` for its tests besides. */
export const DEBIAN_PACKAGES = {
  runtime: [
    'ffmpeg', 'g++', 'make', 'pkg-config',
    'libavformat-dev', 'libavcodec-dev', 'libavutil-dev', 'libswscale-dev', 'libswresample-dev', 'libyuv-dev', 'libjpeg62-turbo-dev',
    // Emoji in titles.
    'fonts-noto-color-emoji',
  ],
  dev: ['chromium', 'openssl', 'nginx', 'libnginx-mod-rtmp', 'iproute2', 'procps', 'fonts-dejavu-core'],
};

/** The oldest Node.js that runs it; the panel's build asks for it. */
export const OLDEST_NODE = [20, 19];
