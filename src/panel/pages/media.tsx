/** Media: uploads, the library, folders that are timelines, and recordings. */
import '../styles/media.css';
import { useEffect } from 'preact/hooks';
import { AllRecordings } from '../components/media/all-recordings.js';
import { Folders } from '../components/media/folders.js';
import { Library } from '../components/media/library.js';
import { Uploads } from '../components/media/uploads.js';
import { followMedia } from '../store/library.js';

export function MediaPage() {
  useEffect(followMedia, []);
  return (
    <>
      <div class="column main">
        <Uploads />
        <Library />
      </div>
      <div class="column side">
        <Folders />
        <AllRecordings />
      </div>
    </>
  );
}
