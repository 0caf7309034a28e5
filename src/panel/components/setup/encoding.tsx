/** Picture, encoder and sound of what goes out, from ready settings or by hand, and what the destinations' platforms say to them. */
import { useEffect, useState } from 'preact/hooks';
import type { Encoding as EncodingSettings, EncoderPreset } from '../../../protocol/presets.js';
import { EncoderCodec, EncoderPreset as Speed, FPS_FRACTIONS, type PlatformInfo } from '../../../protocol/resources.js';
import { same } from '../../lib/same.js';
import { checkEncoding, loadPresets } from '../../store/presets.js';
import { snapshot, status } from '../../store/state.js';
import { texts } from '../../texts.js';
import { Confirm, Field } from '../parts.js';
import { Choice, WholeNumber, SettingsForm, useSettings, type SettingsDraftProps } from './settings-form.js';

const t = texts.setup.encoding;
const SIZES = [[3840, 2160], [2560, 1440], [1920, 1080], [1280, 720], [854, 480], [640, 360], [1080, 1920], [720, 1280]] as const;
const KEYFRAMES_MS = [1000, 2000, 3000, 4000, 5000];
const OTHER = 'other';
/** Platforms are asked once nothing was typed for so long. */
const TYPED_MS = 250;

export function Encoding({ settings }: SettingsDraftProps) {
  const draft = useSettings(settings);
  const [presets, setPresets] = useState<readonly EncoderPreset[]>([]);
  const [asking, setAsking] = useState<(() => void) | null>(null);
  const [isOwnSize, setOwnSize] = useState(false);
  useEffect(() => { void loadPresets().then((loaded) => setPresets(loaded?.encoder ?? [])); }, []);

  const { video, encoder, audio } = draft.value;
  const set = (part: 'video' | 'encoder' | 'audio', fields: object) => draft.set({ [part]: { ...draft.value[part], ...fields } });
  const preset = presets.find((one) => same(one.settings, { video, encoder, audio: { bitrateKbps: audio.bitrateKbps } }));
  const size = `${video.width}x${video.height}`;
  const isKnownSize = SIZES.some(([width, height]) => size === `${width}x${height}`);
  const newFormat = !same(video, settings.video);
  const isOnAir = (snapshot.value?.broadcast.state ?? 'standby') !== 'standby';
  const inUse = status.value?.encoder?.codec;

  return (
    <>
      <SettingsForm
        id="encoding" title={t.title} draft={draft} onAir={newFormat ? t.newFormat : t.noBreak}
        ask={newFormat && isOnAir ? (store) => setAsking(() => store) : undefined}
      >
        <Field label={t.preset} hint={t.presetHint}>
          {(field) => (
            <Choice
              described={field} name="preset-settings" value={preset?.id ?? ''}
              options={[...(preset ? [] : [['', t.own] as const]), ...presets.map(({ id, settings: { video: v, encoder: e } }) => [id, t.presetName(id, v, e.bitrateKbps)] as const)]}
              onChange={(id) => {
                const chosen = presets.find((one) => one.id === id);
                if (chosen) draft.set({ ...chosen.settings, audio: { ...audio, ...chosen.settings.audio } });
                setOwnSize(false);
              }}
            />
          )}
        </Field>
        <div class="field-row">
          <Field label={t.size}>
            {(field) => (
              <Choice
                described={field} name="size" value={isOwnSize || !isKnownSize ? OTHER : size}
                options={[...SIZES.map(([width, height]) => [`${width}x${height}`, t.sizeName(width, height)] as const), [OTHER, t.otherSize]]}
                onChange={(chosen) => {
                  setOwnSize(chosen === OTHER);
                  const [width, height] = chosen.split('x').map(Number);
                  if (chosen !== OTHER) set('video', { width, height });
                }}
              />
            )}
          </Field>
          <Field label={t.fps}>
            {(field) => <Choice described={field} name="fps" value={video.fps} options={[...FPS_FRACTIONS.keys()].map((fps) => [fps, t.fpsName(fps)] as const)} onChange={(fps) => set('video', { fps })} />}
          </Field>
        </div>
        {(isOwnSize || !isKnownSize) && (
          <div class="field-row">
            <Field label={t.width}>{(field) => <WholeNumber described={field} name="width" value={video.width} min={160} max={3840} step={2} onChange={(width) => set('video', { width })} />}</Field>
            <Field label={t.height}>{(field) => <WholeNumber described={field} name="height" value={video.height} min={90} max={2160} step={2} onChange={(height) => set('video', { height })} />}</Field>
          </div>
        )}
        <div class="field-row wide-words">
          <Field label={t.codec} hint={inUse ? t.inUse(inUse) : undefined}>
            {(field) => <Choice described={field} name="codec" value={encoder.codec} options={EncoderCodec.options.map((codec) => [codec, t.codecs[codec]] as const)} onChange={(codec) => set('encoder', { codec })} />}
          </Field>
          <Field label={t.speed} hint={t.speedHint}>
            {(field) => <Choice described={field} name="speed" value={encoder.preset} options={Speed.options.map((speed) => [speed, t.speeds[speed]] as const)} onChange={(chosen) => set('encoder', { preset: chosen })} />}
          </Field>
        </div>
        <div class="field-row">
          <Field label={t.bitrate}>
            {(field) => <WholeNumber described={field} name="bitrate" value={encoder.bitrateKbps} min={100} max={50_000} onChange={(bitrateKbps) => set('encoder', { bitrateKbps })} />}
          </Field>
          <Field label={t.keyframes}>
            {(field) => (
              <Choice
                described={field} name="keyframes" value={encoder.keyframeIntervalMs} onChange={(keyframeIntervalMs) => set('encoder', { keyframeIntervalMs })}
                options={[...new Set([...KEYFRAMES_MS, encoder.keyframeIntervalMs])].sort((a, b) => a - b).map((ms) => [ms, t.seconds(ms)] as const)}
              />
            )}
          </Field>
          <Field label={t.sound}>
            {(field) => <WholeNumber described={field} name="sound" value={audio.bitrateKbps} min={32} max={320} onChange={(bitrateKbps) => set('audio', { bitrateKbps })} />}
          </Field>
        </div>
        <PlatformsSay made={{ video, encoder, audio: { bitrateKbps: audio.bitrateKbps } }} isDraft={draft.isChanged} />
      </SettingsForm>
      {asking && <Confirm question={t.askFormat} yes={t.yesFormat} onAnswer={(yes) => { setAsking(null); if (yes) asking(); }} />}
    </>
  );
}

/** Of the enabled destinations: about what is stored now, or about what is being typed and would be stored. */
function PlatformsSay({ made, isDraft }: { made: EncodingSettings; isDraft: boolean }) {
  /** What each platform says to a draft; null: it was not asked yet, or the draft is nothing that can be stored. */
  const [said, setSaid] = useState<readonly PlatformInfo[] | null>(null);
  const asked = isDraft ? JSON.stringify(made) : '';
  useEffect(() => {
    setSaid(null);
    if (asked === '') return undefined;
    let isWanted = true;
    const timer = setTimeout(() => void checkEncoding(made).then((answer) => { if (isWanted) setSaid(answer); }), TYPED_MS);
    return () => {
      isWanted = false;
      clearTimeout(timer);
    };
  }, [asked]);
  const enabled = (snapshot.value?.destinations ?? []).filter((destination) => destination.enabled);
  if (enabled.length === 0 || (isDraft && said === null)) return null;
  const warned = enabled
    .map(({ id, name, platform, warnings }) => ({ id, name, warnings: isDraft ? (said?.find((one) => one.platform === platform)?.warnings ?? []) : warnings }))
    .filter(({ warnings }) => warnings.length > 0);
  return (
    <div role="status">
      {warned.length === 0
        ? <p class="hint">{isDraft ? t.allWouldTake : t.allTake}</p>
        : warned.map(({ id, name, warnings }) => <p key={id} class="setup-warning"><strong>{name}</strong> {warnings.join(' ')}</p>)}
    </div>
  );
}
