/** Media: uploads, the library, and recordings. */
import '../styles/media.css';
import { useEffect } from 'preact/hooks';
import { AllRecordings } from '../components/media/all-recordings.js';
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
      <div class="column side"><AllRecordings /></div>
    </>
  );
}
