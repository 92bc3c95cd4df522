import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useWords } from '../i18n/context';
import { hrefOf } from '../route';
import { floorsOf, stateOf, type Box, type BoxState } from '../state/floors';
import type { Device } from '../state/types';
import { Icon } from './icons';
import { Name } from './name';

interface FloorsProps {
  readonly devices: readonly Device[];
  readonly onOpen: (mac: string, slot: number, field: string) => void;
}

const states: readonly BoxState[] = ['free', 'occupied', 'unknown'];

/** S1's boxes, floor by floor: red, green or grey. */
export function Floors({ devices, onOpen }: FloorsProps): JSX.Element | null {
  const { t } = useWords();
  const [naming, setNaming] = useState(false);
  const floors = floorsOf(devices);
  if (floors.length === 0) return null;
  const all = floors.flatMap((floor) => floor.boxes);
  return (
    <section class="floors" aria-label={t('floors')}>
      <header>
        <ul class="legend">
          {states.map((state) => (
            <li key={state} class={state}>
              <i aria-hidden="true" />
              {t(`box_${state}`)} <b>{all.filter((box) => stateOf(box.device) === state).length}</b>
            </li>
          ))}
        </ul>
        <button type="button" class="chip" aria-pressed={naming} onClick={() => setNaming(!naming)}>
          <Icon name="pencil" size={16} />
          {t('box_names')}
        </button>
      </header>
      <div class="storeys">
        {floors.map((floor) => (
          <section class="storey" key={floor.number} aria-label={t('floor', { number: floor.number })}>
            <h2>{t('floor', { number: floor.number })}</h2>
            <div class="boxes">
              {floor.boxes.map((box) => (
                <Room key={box.number} box={box} naming={naming} onOpen={onOpen} />
              ))}
            </div>
          </section>
        ))}
      </div>
    </section>
  );
}

interface RoomProps {
  readonly box: Box;
  readonly naming: boolean;
  readonly onOpen: FloorsProps['onOpen'];
}

function Room({ box, naming, onOpen }: RoomProps): JSX.Element {
  const { t } = useWords();
  const { device, number } = box;
  const state = stateOf(device);
  const battery = device.functions.find((fn) => fn.kind === 'battery')?.values['level'];
  if (naming) {
    return (
      <div class={`box ${state}`}>
        <a class="number" href={hrefOf({ page: 'module', mac: device.mac })}>
          {number}
        </a>
        <Name device={device} />
      </div>
    );
  }
  return (
    <button
      type="button"
      class={`box ${state}`}
      data-box={number}
      aria-label={`${device.name}: ${t(`box_${state}`)}`}
      onClick={() => onOpen(device.mac, 0, 'present')}
    >
      <span class="number">{number}</span>
      {device.name !== String(number) && <span class="box-name">{device.name}</span>}
      <span class="box-state">{t(`box_${state}`)}</span>
      {typeof battery === 'number' && battery < lowBatteryPercent && <span class="box-battery">{t('box_battery', { level: battery })}</span>}
    </button>
  );
}

/** From here on somebody should bring a battery. */
const lowBatteryPercent = 20;
