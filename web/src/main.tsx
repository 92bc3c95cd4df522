import { render } from 'preact';
import { App } from './app';
import 'uplot/dist/uPlot.min.css';
import './style/base.css';
import './style/parts.css';
import './style/top.css';
import './style/cards.css';
import './style/list.css';
import './style/controls.css';
import './style/history.css';
import './style/keys.css';
import './style/floors.css';
import './style/account.css';
import './style/small.css';

const root = document.getElementById('app');
if (root) render(<App />, root);
